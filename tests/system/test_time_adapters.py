"""What chronyc, ntpq and resolv.conf tell, from recordings; and lines of servers changed with everything else kept."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.system.adapters import chrony, ntp_servers, ntpq, resolv
from apps.system.domain.time import NtpServer
from apps.system.plans.names import with_own_name
from calypso.kernel.errors import CalypsoError, ToolGarbage
from calypso.kernel.shell import Result
from calypso.lab.etc import CHRONY
from tests.support.recordings import load

# Not recorded: as ntpq(8) and the NTPsec documentation show it.
NTPQ = """\
     remote                                   refid      st t when poll reach   delay   offset   jitter
=======================================================================================================
 0.debian.pool.ntp.org                   .POOL.          16 p    -  256    0   0.0000   0.0000   0.0001
*192.0.2.10                              .GPS.            1 u   33   64  377   0.5120  -0.0340   0.0210
+2001:db8:1234:5678:9abc:def0:1234:5678
                                         192.0.2.10       2 u   2m   64  376   0.7000   0.1200   0.4000
 198.51.100.7                            .INIT.          16 u    -   64    0   0.0000   0.0000   0.0001
"""


def servers(*named: str | NtpServer) -> list[dict[str, Any]]:
    return [(NtpServer(address=s) if isinstance(s, str) else s).model_dump() for s in named]


# --- chronyc ----------------------------------------------------------------------------------------------------------


def test_a_clock_that_follows_nobody() -> None:
    for number in ("01", "09"):
        told = chrony.parse_tracking(load("chronyc", number).stdout)
        assert (told.synchronised, told.reference, told.stratum, told.leap) == (False, "", 0, "Not synchronised")
    assert chrony.parse_sources(load("chronyc", "03").stdout) == ()


def test_a_clock_that_follows_itself_is_not_synchronised() -> None:
    told = chrony.parse_tracking(load("chronyc", "21").stdout)
    assert (told.leap, told.local, told.synchronised) == ("Normal", True, False)


def test_a_clock_that_follows_a_server() -> None:
    told = chrony.parse_tracking(load("chronyc", "22").stdout)
    assert (told.synchronised, told.reference, told.stratum) == (True, "127.0.0.1", 6)
    assert (told.offset, told.frequency, told.root_delay) == (-0.000001389, -0.001, 0.000005616)
    best, silent = chrony.parse_sources(load("chronyc", "23").stdout)
    assert (best.address, best.mode, best.state, best.reach, best.last) == ("127.0.0.1", "server", "selected", 255, 1)
    assert (best.offset, best.error) == (-0.00000005, 0.000003123)
    assert (silent.state, silent.reach, silent.last) == ("unusable", 0, None)
    assert chrony.parse_sources(load("chronyc", "15").stdout)[0].address == "192.0.2.10"


@pytest.mark.parametrize(
    ("number", "code"), [("20", "time_service_stopped"), ("10", "not_authorized"), ("19", "chronyc_failed")]
)
def test_its_refusals_have_names(number: str, code: str) -> None:
    said = load("chronyc", number)
    error = chrony.named_error(Result(tuple(said.argv), said.exit_code or 1, said.stdout, said.stderr, 0, "", 0))
    assert error.code == code and error.detail in said.stdout + said.stderr


@given(st.text(max_size=80))
def test_anything_else_is_garbage(text: str) -> None:
    for parse in (chrony.parse_tracking, chrony.parse_sources, ntpq.parse_peers):
        try:
            parse(text)
        except ToolGarbage:
            pass


# --- ntpq -------------------------------------------------------------------------------------------------------------


def test_ntpqs_peers() -> None:
    best, other, silent = ntpq.parse_peers(NTPQ)
    assert (best.address, best.state, best.stratum, best.poll, best.reach, best.last) == (
        *("192.0.2.10", "selected", 1),
        *(6, 255, 33),
    )
    assert (best.offset, best.error) == (pytest.approx(-0.000034), pytest.approx(0.000021))
    assert (other.address, other.state, other.last) == ("2001:db8:1234:5678:9abc:def0:1234:5678", "combined", 120)
    assert (silent.address, silent.state, silent.last) == ("198.51.100.7", "unusable", None)
    assert ntpq.parse_peers("No association IDs returned\n") == () == ntpq.parse_peers("")


def test_an_ntpd_that_is_silent_has_a_name() -> None:
    words = "/usr/bin/ntpq: read: Connection refused\n"
    assert ntpq.named_error(Result(("ntpq",), 1, "", words, 0, "", 0)).code == "time_service_stopped"


# --- lines of servers -------------------------------------------------------------------------------------------------


def test_debians_file_gets_other_servers_and_keeps_the_rest() -> None:
    changed = ntp_servers.with_servers(CHRONY, servers("ntp1.example.org", "192.0.2.10"))
    line = "pool 2.debian.pool.ntp.org iburst\n"
    assert changed == CHRONY.replace(line, "server ntp1.example.org iburst\nserver 192.0.2.10 iburst\n")
    back = ntp_servers.with_servers(changed, servers(NtpServer(address="2.debian.pool.ntp.org", kind="pool")))
    assert back == CHRONY


def test_a_server_that_stays_keeps_its_line_and_its_options() -> None:
    text = "Server  a.example   key 3 minpoll 4 IBURST\r\n# b\r\npeer p.example\r\nserver b.example # ours\r\n"
    wish = servers("a.example", NtpServer(address="b.example", prefer=True, iburst=False))
    assert ntp_servers.with_servers(text, wish) == text.replace("b.example # ours", "b.example prefer # ours")
    assert ntp_servers.parse(text) == (NtpServer(address="a.example"), NtpServer(address="b.example", iburst=False))


def test_reference_clocks_and_peers_are_none_of_ours() -> None:
    text = "server 127.127.28.0 minpoll 4\nfudge 127.127.28.0 refid GPS\npeer x.example\n#server no.example\n"
    assert ntp_servers.parse(text) == ()
    assert ntp_servers.with_servers(text, []) == text
    assert ntp_servers.with_servers(f"{text}last", servers("a.example")) == f"{text}last\nserver a.example iburst\n"
    assert ntp_servers.with_servers("", servers("2001:db8::1")) == "server 2001:db8::1 iburst\n"


def test_a_server_named_twice_stands_once_afterwards() -> None:
    text = "server A.example iburst\nserver a.example. iburst\n"
    assert ntp_servers.with_servers(text, servers("a.example")) == "server A.example iburst\n"


LINES = st.lists(
    st.text(st.characters(exclude_characters="\n"), max_size=20) | st.sampled_from(["server a.example", "pool b", "#x"])
)


@given(LINES, st.sets(st.sampled_from(["a.example", "c.example", "192.0.2.1"])))
def test_every_line_of_others_stays_as_it_is(lines: list[str], wish: set[str]) -> None:
    text = "\n".join(lines)
    changed = ntp_servers.with_servers(text, servers(*sorted(wish)))
    assert {server.address for server in ntp_servers.parse(changed)} == wish
    theirs = [line for line in lines if not ntp_servers.parse(line)]
    kept = [line for line in changed.split("\n") if not ntp_servers.parse(line)]
    assert [line for line in kept if line] == [line for line in theirs if line]
    assert ntp_servers.with_servers(changed, servers(*sorted(wish))) == changed


# --- resolv.conf, resolved, hosts ------------------------------------------------------------------------------------


def test_resolv_conf_is_read_and_changed() -> None:
    text = "# mine\noptions timeout:2\nnameserver 192.0.2.1\nsearch A.example\nnameserver 192.0.2.2\n"
    assert resolv.parse(text) == resolv.Resolv(("192.0.2.1", "192.0.2.2"), ("a.example",), "")
    changed = resolv.with_servers(text, ["192.0.2.9"], ["b.example"])
    assert changed == "# mine\noptions timeout:2\nsearch b.example\nnameserver 192.0.2.9\n"
    assert resolv.with_servers("options rotate", ["192.0.2.9"], []) == "options rotate\nnameserver 192.0.2.9\n"
    assert resolv.parse("# Generated by NetworkManager\nnameserver 192.0.2.1\n").keeper == "NetworkManager"


def test_the_drop_in_says_it_all() -> None:
    text = resolv.drop_in("", ["192.0.2.9", "2001:db8::9"], ["b.example"])
    assert text.splitlines()[1:] == [
        *("[Resolve]", "DNS=", "DNS=192.0.2.9", "DNS=2001:db8::9", "Domains=", "Domains=b.example")
    ]
    assert resolv.drop_in(text, [], []).splitlines()[1:] == ["[Resolve]", "DNS=", "Domains="]


def test_hosts_gets_the_new_name_where_the_old_one_was_the_boxs_own() -> None:
    text = "127.0.0.1 localhost old\n127.0.1.1\told.example.org  old alias # old\n192.0.2.1 old\n"
    changed = with_own_name(text, "old.example.org", "new.example.org")
    assert changed == text.replace("old.example.org  old", "new.example.org  new")
    assert with_own_name(text, "other", "new") == text


def test_names_that_are_none() -> None:
    for bad in ("", "a b", "-a", "a..b", "192.0.2.300", "0.0.0.0", "ff02::1", "fe80::1%eth0", "a;b", "a/b", "ä.de"):
        with pytest.raises(CalypsoError) as refused:
            ntp_servers.plain_host(bad, "x")
        assert refused.value.code == "bad_host"
    assert ntp_servers.plain_host("2001:DB8:0::1", "x") == "2001:db8::1"
    assert ntp_servers.plain_host("NTP1.Example.org.", "x") == "ntp1.example.org"
