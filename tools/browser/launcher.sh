#!/bin/sh
# What Playwright starts as Chromium (engine.py): launcher.py, with nothing in the environment that Chromium does not need.
python=$GLASSHOUSE_PYTHON chromium=$GLASSHOUSE_CHROMIUM handover=${GLASSHOUSE_HANDOVER-}
unset GLASSHOUSE_PYTHON GLASSHOUSE_CHROMIUM GLASSHOUSE_HANDOVER
exec "$python" -I -S "${0%/*}/launcher.py" start "$chromium" "$handover" "$@"
