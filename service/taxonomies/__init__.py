"""Taxonomies that come with glan."""
