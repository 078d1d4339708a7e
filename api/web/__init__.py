"""The pages: what people see in a browser. Server-rendered, usable without JavaScript."""
