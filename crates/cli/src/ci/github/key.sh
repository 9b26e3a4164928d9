if [ -n "$REGISTRY_KEY" ]; then
  # Nobody but this job has the key that may write to the branch.
  host="${GITHUB_SERVER_URL#https://}"
  (umask 077 && printf '%s\n' "$REGISTRY_KEY" > "$RUNNER_TEMP/registry-key")
  gh api meta --jq '.ssh_keys[]' | sed "s/^/$host /" > "$RUNNER_TEMP/known-hosts"
  export GIT_SSH_COMMAND="ssh -i $RUNNER_TEMP/registry-key -o IdentitiesOnly=yes -o UserKnownHostsFile=$RUNNER_TEMP/known-hosts"
  git remote set-url --push origin "ssh://git@$host/$GITHUB_REPOSITORY.git"
else
  echo "::notice title=Promptdex::Whoever can write to this repository can write to $REGISTRY, too. docs/ci.md says how to let only this job do so."
fi
