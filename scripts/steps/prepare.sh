# shellcheck shell=sh
# What every script begins with; the script has set $scripts, its own folder. Gives prepare_python and prepare_browser.

# shellcheck disable=SC2154
root=$(dirname -- "$scripts")
# shellcheck source=steps/say.sh
. "$scripts/steps/say.sh"
# shellcheck source=steps/debian.sh
. "$scripts/steps/debian.sh"
# shellcheck source=steps/python.sh
. "$scripts/steps/python.sh"
# shellcheck source=steps/driver.sh
. "$scripts/steps/driver.sh"

# Tells the server, through its setting, which browser to start.
prepare_browser() {
  GLASSHOUSE_BROWSER_EXECUTABLE=$("$scripts/install-browser")
  export GLASSHOUSE_BROWSER_EXECUTABLE
}
