#!/bin/sh
# Stands in for the Node.js that runs Playwright's driver (driver.py): the same, without the server's environment.
# Nearly all that the driver allocates is a message and gone at once; with V8's usual space for young objects some tens of
# megabytes of that lie about before anybody collects them. What service workers load and say is asked of nobody: each
# message of a WebSocket there would be told to the driver, which all sessions share.
exec env -i PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 TMPDIR="${GLASSHOUSE_DRIVER_HOME:-/tmp}" \
  PW_LANG_NAME="${PW_LANG_NAME-}" PW_LANG_NAME_VERSION="${PW_LANG_NAME_VERSION-}" \
  PLAYWRIGHT_DISABLE_SERVICE_WORKER_NETWORK=1 PLAYWRIGHT_DISABLE_SERVICE_WORKER_CONSOLE=1 \
  PW_CLI_DISPLAY_VERSION="${PW_CLI_DISPLAY_VERSION-}" \
  "${GLASSHOUSE_NODE:-${1%/package/cli.js}/node}" --max-semi-space-size=4 "$@"
