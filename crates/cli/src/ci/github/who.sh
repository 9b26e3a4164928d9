# A run that somebody else starts again would make the change of the account that filled the form in.
if [ "$GITHUB_TRIGGERING_ACTOR" != "$ACTOR" ]; then
  echo "::error title=Promptdex::This form was filled in by $ACTOR: fill it in again instead of starting it again."
  exit 1
fi
git config user.name "$ACTOR"
git config user.email "$ACTOR_ID+$ACTOR@users.noreply.github.com"
