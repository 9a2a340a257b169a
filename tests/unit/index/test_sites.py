from docsearch_cli.index.sites import other_paths


def test_what_builds_make_is_no_document_but_a_whole_site_is_not_known() -> None:
    left_out = [
        ("site/.gitignore", "git leaves alone: public, docs/api, made.md"),
        ("a.png", "no reader"),
    ]

    assert other_paths(left_out) == [
        "site/.gitignore",
        "a.png",
        "site/docs/api",
        "site/docs/api/",
        "site/made.md",
        "site/made.md/",
    ]
