"""What a run that changes nothing leaves as it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from lab import Lab

# Everything on a host that an installation or a configuration would change. Directories without their time: the apt
# module writes and removes its policy-rc.d, in check mode too.
COMMAND = (
    "find /etc /usr /opt /srv /home /var/lib /lib/systemd -xdev -not -path '/var/lib/systemd/*' "
    "'(' -type d -printf '%p %m %u %g\\n' -o -printf '%p %s %T@ %m %u %g %l\\n' ')' | sort | sha256sum; "
    "dpkg-query -W | sha256sum; sysctl -n vm.swappiness"
)


def fingerprints(lab: Lab) -> dict[str, str]:
    hosts = list(lab.tree["hosts"])
    with ThreadPoolExecutor() as pool:
        return dict(zip(hosts, pool.map(lambda host: lab.shell(host, COMMAND), hosts), strict=True))
