if [ -n "$SIGNING_KEY" ]; then
  (umask 077 && printf '%s\n' "$SIGNING_KEY" > "$RUNNER_TEMP/signing-key")
  git config gpg.format ssh
  git config user.signingKey "$RUNNER_TEMP/signing-key"
  git config commit.gpgSign true
fi
