#!/bin/sh
# Puts the course and its hub on this machine, or brings them up to date: sudo sh deploy/install.sh
# Nothing in a student's home is touched; copies of the notebooks are renewed at their next login.
set -eu
umask 022
here=$(cd "$(dirname "$0")/.." && pwd)
there=${COURSE_FOLDER:-/opt/optimizer-course}
python=${PYTHON:-python3}

test "$(id -u)" -eq 0 || { echo "call it as root: sudo sh deploy/install.sh" >&2; exit 1; }
chmod 700 "$here"  # it holds TEACHING.md, with all answers

mkdir -p "$there/deploy" "$there/notebooks" /etc/optimizer-course
"$python" -m venv "$there/venv"
"$there/venv/bin/python" -m pip install --quiet -c "$here/requirements.lock" "${here}[lab,server]"
rm -f "$there"/notebooks/*.ipynb
cp "$here"/notebooks/*.ipynb "$there/notebooks/"
cp "$here/deploy/jupyterhub_config.py" "$here/deploy/student.py" "$there/deploy/"
install -d -m 700 /var/lib/optimizer-course
test -e /etc/optimizer-course/class.toml ||
    install -m 600 "$here/deploy/class.toml" /etc/optimizer-course/class.toml
"$there/venv/bin/python" "$here/deploy/prepare_mnist.py" "${COURSE_MNIST_DIR:-/srv/mnist}" ||
    echo "without MNIST notebook 06 takes small digits; see deploy/prepare_mnist.py" >&2
sed "s|/opt/optimizer-course|$there|g" "$here/deploy/optimizer-course.service" \
    > /etc/systemd/system/optimizer-course.service
systemctl daemon-reload
echo "now choose in /etc/optimizer-course/class.toml, then: systemctl enable --now optimizer-course"
