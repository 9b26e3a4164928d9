curl --fail --silent --show-error --location --proto '=https' --retry 3 --output /usr/local/bin/promptdex "%URL%"
echo "%SHA256%  /usr/local/bin/promptdex" | sha256sum --check --quiet
chmod +x /usr/local/bin/promptdex
