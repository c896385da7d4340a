"""What the chapter on backups takes for granted: a service that was lost, and a server without anything."""

import shutil
import subprocess
from pathlib import Path

OWNER = "postgres://tenantry_owner:OWNER@127.0.0.1/tenantry"
SQLITE = "sqlite:data/restored.db"
ROLES = ["tenantry_app", "tenantry_lookup", "tenantry_owner"]


def before(block, folder):
    """Prepares for a block; gives variables for it alone, where there are some."""
    first, text = block.first, block.text
    if first.startswith("tenantry backup /srv"):
        Path("/srv/backups").mkdir(parents=True, exist_ok=True)
        # Where the key file lies that is kept apart.
        shutil.copy(f"{folder}/data/secret.key", f"{folder}/secret.key")
        return {"TENANTRY_DATABASE_URL": OWNER}
    if first.startswith("tenantry restore /srv"):
        stop()
        return {"TENANTRY_DATABASE_URL": SQLITE}
    if "tenantry restore /srv" in text:
        stop()
        empty_database()
    if "tenantry move-database" in text:
        stop()
        empty_database()
        return {"TENANTRY_DATABASE_URL": SQLITE}
    if "pg_restore" in text:
        stop()
        psql("drop database tenantry with (force)")
        for role in ROLES:
            psql(f"drop role {role}")
    return None


def stop():
    subprocess.run(["tenantry", "--stop"], check=True)


def empty_database():
    psql("drop database tenantry with (force)")
    psql("create database tenantry owner tenantry_owner")


def psql(statement):
    subprocess.run(["psql", "-d", "postgres", "-c", statement], check=True, capture_output=True)
