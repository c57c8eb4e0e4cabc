# shellcheck shell=sh
# Chromium for someone who is not root: Debian's packages unpacked into a folder, with a launcher. Needs say.sh, debian.sh.

browser_packages='chromium fonts-liberation fonts-dejavu-core fonts-noto-color-emoji'

# unpack_chromium FOLDER: FOLDER/chromium starts it. The folder is made whole beside its place, then moved there.
unpack_chromium() {
  beside=$1.unfinished
  rm -rf -- "$beside"
  mkdir -p -- "$beside" || return 1
  # shellcheck disable=SC2086 # a list of names
  debian_unpack "$beside" $browser_packages fontconfig-config &&
    write_font_settings "$beside" "$1" &&
    write_launcher "$beside" || return 1
  rm -rf -- "$1"
  mv -- "$beside" "$1"
}

# Debian's fontconfig rules make Arial, Times and sans-serif mean fonts that are there.
write_font_settings() {
  rules=/etc/fonts/conf.d
  [ -d "$rules" ] || rules=$2/root/usr/share/fontconfig/conf.avail
  cat >"$1/fonts.conf" <<XML
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>$(xml_text "$2/root/usr/share/fonts")</dir>
  <dir>/usr/share/fonts</dir>
  <dir prefix="xdg">fonts</dir>
  <include ignore_missing="yes">$(xml_text "$rules")</include>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
XML
}

xml_text() {
  printf '%s' "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g'
}

# The libraries are found through LD_LIBRARY_PATH, set for the browser alone.
write_launcher() {
  # shellcheck disable=SC2016 # $here is the launcher's
  libraries=$(cd -- "$1" && find root -name 'lib*.so*' -path '*-linux-gnu*' -printf '$here/%h\n' | sort -u | paste -sd: -)
  cat >"$1/chromium" <<LAUNCHER
#!/bin/sh
# Chromium from Debian's packages, unpacked without root. Written by scripts/install-browser.
here=\$(dirname -- "\$(readlink -f -- "\$0")")
LD_LIBRARY_PATH="$libraries\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
FONTCONFIG_FILE=\$here/fonts.conf
export LD_LIBRARY_PATH FONTCONFIG_FILE
exec "\$here/root/usr/lib/chromium/chromium" "\$@"
LAUNCHER
  chmod +x "$1/chromium"
}
