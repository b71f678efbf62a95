# Logs in by PyMySQL as often as stdin has lines (JSON: host, password, ca or null), and prints for each the cipher, or why not.
import json
import sys

import pymysql

for line in sys.stdin:
    way = json.loads(line)
    # With a CA PyMySQL verifies the certificate and, unless told otherwise, the name.
    tls = {"ssl_disabled": True} if way["ca"] is None else {"ssl_ca": way["ca"], "ssl_verify_cert": True, "ssl_verify_identity": True}
    try:
        connection = pymysql.connect(host=way["host"], user="dbns", password=way["password"], **tls)
        with connection.cursor() as cursor:
            cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
            print(json.dumps({"cipher": cursor.fetchone()[1]}))
        connection.close()
    except Exception as error:
        print(json.dumps({"refused": str(error)}))
