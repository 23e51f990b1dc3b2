"""Portfolios as files: each writer turns a document into bytes, each reader turns bytes into a document."""
