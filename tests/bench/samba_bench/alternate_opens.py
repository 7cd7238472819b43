#!/usr/bin/python3
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
"""Opens and closes one file through the nodes in turn; prints how often a second.

  alternate_opens.py SMB_CONF USER%PASSWORD SECONDS ADDRESS...

Each open waits for the close before it, so nobody ever finds the file open. With Samba's own client
library, which the system's Python has and which knows no port but the usual one.
"""

import sys
import time

from samba import credentials, param
from samba.samba3 import libsmb_samba_internal as libsmb
from samba.samba3 import param as s3param

READ_AND_WRITE = 0x3
SHARED_WITH_NOBODY = 0
OPEN_OR_CREATE = 3


def connect(conf, user, addresses):
    context = s3param.get_context()
    context.load(conf)
    name, password = user.split("%")
    identity = credentials.Credentials()
    identity.guess(param.LoadParm(filename_for_non_global_lp=conf))
    identity.set_username(name)
    identity.set_password(password)
    return [libsmb.Conn(address, "share", context, identity) for address in addresses]


def main():
    conf, user, seconds, *addresses = sys.argv[1:]
    connections = connect(conf, user, addresses)
    count = 0
    begin = time.monotonic()
    while time.monotonic() < begin + float(seconds):
        for connection in connections:
            opened = connection.create("alternate", DesiredAccess=READ_AND_WRITE,
                                       ShareAccess=SHARED_WITH_NOBODY,
                                       CreateDisposition=OPEN_OR_CREATE)
            connection.close(opened)
            count += 1
    print(count / (time.monotonic() - begin))


if __name__ == "__main__":
    main()
