# Which accounts make this change, as GitHub has authenticated them. Commits do not count: everybody can write any
# name into them.
form() {
  # The branch of a form has the number of its run. The change counts as that of the account that filled the form
  # in, and only for the commit that the run made.
  run="${2#%FORMS%/*-}"
  run="${run%%-*}"
  case "$2" in %FORMS%/promote-* | %FORMS%/rollback-*) ;; *) return 0 ;; esac
  case "$run" in "" | *[!0-9]*) return 0 ;; esac
  if [ "$1" != "$GITHUB_REPOSITORY" ]; then return 0; fi
  gh api "repos/$GITHUB_REPOSITORY/actions/runs/$run" \
    --jq '[.event, .path, .head_branch, .head_repository.full_name, .actor.login, .triggering_actor.login] | .[]' > "$RUNNER_TEMP/form"
  { read -r event; read -r path; read -r branch; read -r repository; read -r account; read -r started; } < "$RUNNER_TEMP/form"
  case "$event ${path%@*}" in
    "workflow_dispatch .github/workflows/%PROMOTE%" | "workflow_dispatch .github/workflows/%ROLLBACK%") ;;
    *) return 0 ;;
  esac
  if [ "$branch" != "$PUBLISHED" ] || [ "$repository" != "$GITHUB_REPOSITORY" ] || [ "$account" != "$started" ]; then return 0; fi
  gh run download "$run" --name promptdex-change --dir "$RUNNER_TEMP/change-$run"
  if [ "$(cat "$RUNNER_TEMP/change-$run/commit")" = "$3" ]; then echo "@$account"; fi
}
people() {
  # The bot that opens pull requests for workflows, by its id.
  if [ "$1" = 41898282 ]; then
    form "$3" "$4" "$5"
    return 0
  fi
  echo "@$2"
  if [ -n "$SENDER" ]; then echo "@$SENDER"; fi
  # Whoever has pushed to the branch counts, too.
  if [ "$3" = "$GITHUB_REPOSITORY" ]; then
    gh api --paginate --method GET "repos/$GITHUB_REPOSITORY/activity" --raw-field "ref=refs/heads/$4" --jq '.[].actor.login | "@" + .'
  fi
}
case "$GITHUB_EVENT_NAME" in
  pull_request)
    people "$OPENER_ID" "$OPENER" "$HEAD_REPOSITORY" "$HEAD_BRANCH" "$HEAD_COMMIT" > "$RUNNER_TEMP/actors"
    ;;
  merge_group)
    # GitHub puts the number of the pull request into the name of the branch.
    number="${GITHUB_REF##*/pr-}"
    gh api "repos/$GITHUB_REPOSITORY/pulls/${number%%-*}" \
      --jq '[.user.id, .user.login, .head.repo.full_name, .head.ref, .head.sha] | .[]' > "$RUNNER_TEMP/pull"
    { read -r id; read -r login; read -r repository; read -r branch; read -r commit; } < "$RUNNER_TEMP/pull"
    SENDER="" people "$id" "$login" "$repository" "$branch" "$commit" > "$RUNNER_TEMP/actors"
    ;;
  *) form "$GITHUB_REPOSITORY" "$GITHUB_REF_NAME" "$GITHUB_SHA" > "$RUNNER_TEMP/actors" ;;
esac
sort --unique "$RUNNER_TEMP/actors" | tee "$RUNNER_TEMP/accounts"
{ echo "PROMPTDEX_ACTOR<<end of accounts"; cat "$RUNNER_TEMP/accounts"; echo "end of accounts"; } >> "$GITHUB_ENV"
