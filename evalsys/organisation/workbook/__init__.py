"""The workbook of an import: its sheets and columns, and writing it back with what is wrong."""
