git config user.name "$ACTOR"
git config user.email "$ACTOR_ID+$ACTOR@users.noreply.github.com"
