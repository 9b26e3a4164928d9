sed -i '1i %MARK%' "$RUNNER_TEMP/report.md"
