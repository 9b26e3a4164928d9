# Which accounts make this change, as GitLab has authenticated them. Commits do not count: everybody can write any
# name into them.
accounts="@$GITLAB_USER_LOGIN"
if [ -n "${PROMPTDEX_TOKEN:-}" ]; then
  ask() { curl --fail --silent --show-error --header "PRIVATE-TOKEN: $PROMPTDEX_TOKEN" "$CI_API_V4_URL/$1"; }
  project="projects/$CI_PROJECT_ID"
  # The bot that opens merge requests for forms, by its id.
  if [ "$(ask user | jq --raw-output .id)" = "$GITLAB_USER_ID" ]; then
    # The change counts as that of the account that filled the form in, and only for the commit that the form made.
    accounts=""
    form="${CI_MERGE_REQUEST_SOURCE_BRANCH_NAME#%FORMS%/*-}"
    case "$CI_MERGE_REQUEST_SOURCE_BRANCH_NAME $form" in
      %FORMS%/*" "*[!0-9]*) ;;
      "%FORMS%/promote-$form $form" | "%FORMS%/rollback-$form $form")
        ask "$project/pipelines/$form" > promptdex-form.json
        job="$(ask "$project/pipelines/$form/jobs" | jq --raw-output '[.[] | select(.name == "%JOBS%-move")][0].id // empty')"
        if [ "$(jq --raw-output '.source + " " + .ref' promptdex-form.json)" = "web %BRANCH%" ] && [ -n "$job" ]; then
          made="$(ask "$project/jobs/$job/artifacts/promptdex-change.txt")"
          if [ "$made" = "${CI_MERGE_REQUEST_SOURCE_BRANCH_SHA:-$CI_COMMIT_SHA}" ]; then
            accounts="@$(jq --raw-output .user.username promptdex-form.json)"
          fi
        fi
        rm promptdex-form.json
        ;;
    esac
  else
    author="$(ask "$project/merge_requests/$CI_MERGE_REQUEST_IID" | jq --raw-output .author.username)"
    accounts="$(printf '%s\n@%s' "$accounts" "$author")"
  fi
fi
export PROMPTDEX_AUTHENTICATED=true PROMPTDEX_ACTOR="$accounts"
