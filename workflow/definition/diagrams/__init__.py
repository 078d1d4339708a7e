"""Drawings and exchange formats of a definition: SVG, DOT, mermaid, BPMN, SCXML."""
