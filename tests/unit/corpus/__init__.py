"""Tests of docsearch_cli.corpus."""
