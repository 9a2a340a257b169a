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


def test_what_a_configuration_inherits_is_sent_on_where_it_is_inherited() -> None:
    base = "sends on: old/a.md, /b/*"
    left_out = [
        ("base.yml", f"no reader for .yml files; {base}"),
        ("en/mkdocs.yml", "no reader for .yml files; settings of mkdocs: inherits = ../base.yml"),
    ]
    paths = other_paths(left_out)

    assert {"docs/old/a.html", "en/docs/old/a.html", "en/docs/b/"} <= set(paths)
