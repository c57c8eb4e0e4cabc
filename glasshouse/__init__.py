"""Glasshouse: stateful tools for Claude Managed Agents that people can watch at work."""
