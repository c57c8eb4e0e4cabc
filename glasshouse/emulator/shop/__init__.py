"""Fern & Kiln, a small invented shop for the agent to browse: pottery, lamps and garden things."""
