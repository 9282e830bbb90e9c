"""Import every module of a generated client, list topics with it and print their names: list_topics.py PACKAGE URL."""
# pyright: basic

import importlib
import json
import pkgutil
import sys
from pathlib import Path

package, url = Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(package.parent))
client_package = importlib.import_module(package.name)
modules = [
    importlib.import_module(module.name)
    for module in pkgutil.walk_packages(client_package.__path__, f"{package.name}.")
]
calls = [module for module in modules if hasattr(module, "sync_detailed")]
# By prefix: the names are made of operation ids, which may change until the first release.
(list_topics,) = [module for module in calls if module.__name__.rpartition(".")[2].startswith("list_topics")]
client = client_package.Client(base_url=url, raise_on_unexpected_status=True)
page = list_topics.sync(client=client)
print(json.dumps({"calls": len(calls), "topics": [topic.name for topic in page.items]}))
