import os
import time
import unittest
from urllib.parse import unquote, urlparse

import pymysql


def connect(variable):
    uri = urlparse(os.environ[variable])
    return pymysql.connect(
        host=uri.hostname,
        port=uri.port,
        user=uri.username,
        password=unquote(uri.password),
        autocommit=True,
    )


class Shop(unittest.TestCase):
    def test_an_order_arrives_at_the_replica(self):
        with connect("DBNS_URI") as primary, primary.cursor() as cursor:
            cursor.execute("CREATE DATABASE shop")
            cursor.execute("CREATE TABLE shop.orders (id INT PRIMARY KEY)")
            cursor.execute("INSERT INTO shop.orders VALUES (1)")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with connect("DBNS_URI_NODE2") as replica, replica.cursor() as cursor:
                    cursor.execute("SELECT id FROM shop.orders")
                    self.assertEqual(cursor.fetchall(), ((1,),))
                    return
            except (pymysql.err.ProgrammingError, AssertionError):
                time.sleep(0.1)
        self.fail("the order did not arrive in 30 s")


if __name__ == "__main__":
    unittest.main()
