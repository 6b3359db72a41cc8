"""What an import would do: every row of a workbook against what stands, without touching anything."""
