from docsearch_cli.corpus.redirects import redirect_labels, redirects_in

RULES = """# old
/old/page/    /new/page  301
/api/*        https://example.org/:splat
/lonely
relative      /new
/paper.html   /pdf
"""


def test_the_rules_of_a_file_of_redirects_are_labels() -> None:
    found = redirects_in("static/_redirects", RULES)

    assert found == ("redirect:/old/page", "redirect:/api/*", "redirect:/paper")
    assert redirects_in("static/redirects.txt", RULES) == ()


def test_an_address_is_sent_on_by_its_own_rule_or_one_for_all_below_a_folder() -> None:
    assert list(redirect_labels("/api/v1/x.html")) == [
        "redirect:/api/v1/x",
        "redirect:/api/v1/*",
        "redirect:/api/*",
    ]
