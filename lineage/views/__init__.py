"""Views: one file per format an answer can be shown in."""
