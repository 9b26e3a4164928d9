if [ -n "${PROMPTDEX_SIGNING_KEY:-}" ]; then
  (umask 077 && cat "$PROMPTDEX_SIGNING_KEY" > "$CI_PROJECT_DIR.signing-key")
  git config gpg.format ssh
  git config user.signingKey "$CI_PROJECT_DIR.signing-key"
  git config commit.gpgSign true
fi
