# shellcheck shell=sh
# Packages of Debian: installed when we may be root, else unpacked into a folder of our own. Needs say.sh.

# debian_install PACKAGE…: returns 1, silently, where that cannot be done.
debian_install() {
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" -eq 0 ]; then
    root_apt=''
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    root_apt='sudo -n'
  else
    return 1
  fi
  say "installing $* (Debian's, with ${root_apt:+sudo }apt-get)"
  # The package lists may be missing or old, so a first failure only means: update them.
  apt_install "$@" >/dev/null 2>&1 </dev/null || {
    $root_apt apt-get -qq update >/dev/null 2>&1 </dev/null || true
    quietly apt_install "$@"
  }
}

apt_install() {
  $root_apt env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 install "$@"
}

# debian_unpack FOLDER PACKAGE…: the packages and what they need and this machine lacks, unpacked under FOLDER/root.
# It needs no root: apt works on lists and a cache of its own, and nothing is installed, so no maintainer script runs.
debian_unpack() {
  command -v apt-get >/dev/null || return 1
  unpack_to=$1
  shift
  mkdir -p "$unpack_to/root" "$unpack_to/apt/lists/partial" "$unpack_to/apt/archives/partial" || return 1
  quietly private_apt update || return 1
  quietly private_apt -y --no-install-recommends --reinstall --download-only install "$@" || return 1
  for package in "$unpack_to"/apt/archives/*.deb; do
    case ${package##*/} in
      libc6_*) ;; # a C library beside the machine's own loader would crash every program that uses it
      *) dpkg -x "$package" "$unpack_to/root" || return 1 ;;
    esac
  done
  rm -rf -- "$unpack_to/apt"
}

private_apt() {
  apt-get -qq -o Debug::NoLocking=1 -o APT::Sandbox::User=root \
    -o "Dir::State=$unpack_to/apt" -o "Dir::State::lists=$unpack_to/apt/lists" \
    -o Dir::State::status=/var/lib/dpkg/status \
    -o "Dir::Cache=$unpack_to/apt" -o "Dir::Cache::archives=$unpack_to/apt/archives" "$@"
}
