# Who pushed, as GitLab has authenticated them. For a bot, the authors of the commits count.
case "$GITLAB_USER_LOGIN" in *_bot* | *-bot) ;; *) export PROMPTDEX_ACTOR="@$GITLAB_USER_LOGIN" ;; esac
