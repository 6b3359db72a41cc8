"""Spreadsheets that are handed in: files into sheets, sheets into cells, and what a cell means."""
