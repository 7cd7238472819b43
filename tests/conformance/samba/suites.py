"""Which of smbtorture's suites are compared, and what must be left out and why."""

SUITES = (
    "smb2.lock", "smb2.oplock", "smb2.lease", "smb2.durable-open", "smb2.durable-v2-open",
    "smb2.notify", "smb2.rename", "smb2.sharemode", "smb2.deny", "smb2.create",
    "smb2.dir", "smb2.getinfo", "smb2.setinfo", "smb2.read", "smb2.rw", "smb2.compound",
    "smb2.replay", "smb2.session", "smb2.connect",
    "raw.lock", "raw.oplock", "raw.notify", "raw.rename", "raw.open", "raw.close", "raw.unlink",
    "raw.read", "raw.write", "raw.search", "raw.mkdir", "raw.seek", "raw.mux",
    "raw.context", "raw.session", "raw.chkpath", "raw.eas", "raw.ioctl", "raw.acls",
    "raw.qfileinfo", "raw.qfsinfo", "raw.sfileinfo", "raw.composite",
    "raw.samba3badpath", "raw.samba3caseinsensitive", "raw.samba3checkfsp", "raw.samba3closeerr",
    "raw.samba3hide", "raw.samba3oplocklogoff", "raw.samba3posixtimedlock",
    "raw.samba3rootdirfid",
    "base.lock", "base.deny1", "base.deny2", "base.deny3", "base.denydos", "base.ntdeny1",
    "base.ntdeny2", "base.delete", "base.open", "base.defer_open", "base.createx_access",
    "base.createx_sharemodes_file", "base.createx_sharemodes_dir", "base.attr", "base.birthtime",
    "base.chkpath", "base.dir1", "base.dir2", "base.disconnect", "base.fdpass", "base.mangle",
    "base.maximum_allowed", "base.negnowait", "base.nttrans", "base.openattr", "base.properties",
    "base.rename", "base.rw1", "base.samba3error", "base.secleak", "base.smb", "base.tcon",
    "base.tcondev", "base.trans2", "base.unlink", "base.vuid", "base.winattr", "base.xcopy",
    "base.aliases", "base.charset", "base.delaywrite",
)

LEFT_OUT = {
    "smb2.streams, raw.streams": "need a module of another package, samba-vfs-modules",
    "base.bench-*, raw.bench-*, smb2.bench, base.iometer, raw.ping-pong":
        "measure, or run until they are stopped",
    "base.scan-*, base.trans2-scan, raw.scan-eamax, smb2.scan":
        "look for undocumented calls, no results to compare",
    "base.casetable, base.utable": "make a file for each character; only about names",
    "raw.hold-oplock, smb2.hold-oplock, smb2.hold-sharemode":
        "hold what they have until they are stopped",
    "raw.offline, base.smb1-twrp-openroot, raw.samba3badnameblob":
        "need file systems or shares that are not here",
}

# A test that is stopped by the limit is no comparison: some that open
# thousands of files have more.
LIMIT_SECONDS = 60
LONG_LIMIT_SECONDS = 180
LONG = ("base.deny1", "base.deny2", "base.ntdeny1", "base.createx_sharemodes_file",
        "base.createx_sharemodes_dir")


def limit_seconds(test):
    return LONG_LIMIT_SECONDS if test in LONG else LIMIT_SECONDS


def suite_of(test):
    """The longest of SUITES that the test is of."""
    return max((suite for suite in SUITES if test == suite or test.startswith(suite + ".")),
               key=len)
