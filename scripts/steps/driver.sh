# shellcheck shell=sh
# Playwright's driver is a Node.js that needs libatomic, which a small Debian lacks. Needs say.sh, debian.sh, $venv.

lent_node=$venv/bin/playwright-node # starts the driver's Node.js with a libatomic of our own

prepare_driver() {
  bundled_node=$(find "$venv/lib" -path '*/playwright/driver/node' -type f)
  driver_runs || { debian_install libatomic1 && driver_runs; } || lend_libatomic ||
    fail "Playwright's driver does not start. Install libatomic (Debian: libatomic1), and start again."
}

driver_runs() {
  "$bundled_node" --version >/dev/null 2>&1
}

lend_libatomic() {
  debian_unpack "$venv/libatomic" libatomic1 || return 1
  library=$(find "$venv/libatomic/root" -name libatomic.so.1)
  library=${library#"$venv"}
  cat >"$lent_node" <<LAUNCHER
#!/bin/sh
# Playwright's Node.js with a libatomic from Debian's package. Written by scripts/steps/driver.sh.
venv=\$(dirname -- "\$(dirname -- "\$(readlink -f -- "\$0")")")
LD_LIBRARY_PATH="\$venv${library%/*}\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
export LD_LIBRARY_PATH
exec "\$venv${bundled_node#"$venv"}" "\$@"
LAUNCHER
  chmod +x "$lent_node"
  "$lent_node" --version >/dev/null 2>&1
}

# Playwright reads this variable; someone's own value wins.
use_lent_node() {
  if [ -x "$lent_node" ]; then
    PLAYWRIGHT_NODEJS_PATH=${PLAYWRIGHT_NODEJS_PATH:-$lent_node}
    export PLAYWRIGHT_NODEJS_PATH
  fi
}
