if [ -n "${PROMPTDEX_RELEASES_TOKEN:-}" ]; then
  # A private repository serves its files at another URL.
  url="$(fetch "https://api.github.com/repos/%REPOSITORY%/releases/tags/%TAG%" |
    jq --raw-output '.assets[] | select(.name == "%FILE%") | .url')"
fi
