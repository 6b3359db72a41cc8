"""How other systems meet us: the OpenAPI document and its error shape."""
