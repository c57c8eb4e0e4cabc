"""The runtime: sessions awake, their calls run once, recorded and posted."""
