sed -i '1i %MARK%' promptdex-report.md
