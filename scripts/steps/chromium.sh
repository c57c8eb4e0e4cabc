# shellcheck shell=sh
# Chromium for someone who is not root: Debian's packages unpacked into a folder, with a launcher. Needs say.sh, debian.sh.

fonts='fonts-liberation fonts-dejavu-core fonts-noto-color-emoji'

# unpack_chromium FOLDER: FOLDER/chromium starts it. The folder is made whole beside its place, then moved there.
unpack_chromium() {
  command -v apt-get >/dev/null || return 1
  say "fetching Debian's chromium into $1, without installing it (once; 100 MB)"
  beside=$1.unfinished
  rm -rf -- "$beside"
  mkdir -p -- "$beside" || return 1
  # shellcheck disable=SC2086 # a list of names
  debian_unpack "$beside" chromium chromium-common $fonts fontconfig-config &&
    leave_out_the_unread "$beside" &&
    write_font_settings "$beside" "$1" &&
    write_launcher "$beside" || return 1
  rm -rf -- "$1"
  mv -- "$beside" "$1"
}

# The headless browser draws in software and speaks English, so a third of what was unpacked is never read.
leave_out_the_unread() (
  cd -- "$1/root" &&
    rm -rf -- usr/share/doc usr/share/icons usr/share/locale usr/share/man \
      usr/lib/*-linux-gnu*/dri usr/lib/*-linux-gnu*/libLLVM* usr/lib/*-linux-gnu*/libz3.*
)

# The rules make Arial, Times and sans-serif mean fonts that are there. The package's folder also holds samples of every
# other rule, one of which forgets all fonts, so these are named one by one.
write_font_settings() {
  {
    printf '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n<fontconfig>\n'
    printf '  <dir>%s</dir>\n' "$(xml_text "$2/root/usr/share/fonts")" /usr/share/fonts
    printf '  <dir prefix="xdg">fonts</dir>\n'
    for rule in 10-hinting-slight 30-metric-aliases 45-generic 45-latin 49-sansserif 60-generic 60-latin; do
      printf '  <include>%s/%s.conf</include>\n' "$(xml_text "$2/root/usr/share/fontconfig/conf.avail")" "$rule"
    done
    printf '  <cachedir prefix="xdg">fontconfig</cachedir>\n</fontconfig>\n'
  } >"$1/fonts.conf"
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
