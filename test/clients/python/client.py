"""Calls the service by the document: places by operationId, bodies and answers by the generated classes of api.py."""

import json
import sys
import urllib.error
import urllib.request

import api

base, email, password, document = sys.argv[1:]
CSV = "fruit,shop,amount\npear,north,1.50\npear,south,2.25\nfig,north,4.00\n"

with open(document, encoding="utf-8") as file:
    PLACES = {
        operation["operationId"]: (method.upper(), path)
        for path, methods in json.load(file)["paths"].items()
        for method, operation in methods.items()
    }


def send(operation_id, body=None, media_type="application/json", token=None, **path):
    method, pattern = PLACES[operation_id]
    request = urllib.request.Request(base + pattern.format(**path), method=method, data=body)
    if body is not None:
        request.add_header("content-type", media_type)
    if token is not None:
        request.add_header("authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


def call(operation_id, answer_class, body=None, **more):
    data = None if body is None else json.dumps(body.to_dict()).encode()
    status, text = send(operation_id, data, **more)
    content = json.loads(text)
    if status >= 400:
        return api.Problem.from_dict(content)
    return answer_class.from_dict(content)


def form(**fields):
    boundary = "boundary-of-the-form"
    parts = [
        f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"'
        + ('; filename="fruit.csv"\r\ncontent-type: text/csv' if name == "file" else "")
        + f"\r\n\r\n{text}\r\n"
        for name, text in fields.items()
    ]
    return ("".join(parts) + f"--{boundary}--\r\n").encode(), f"multipart/form-data; boundary={boundary}"


signed_in = call("signIn", api.SignedIn, api.Login(email=email, password=password))
token = signed_in.token
data, media_type = form(name="fruit", file=CSV)
_, text = send("uploadDataset", data, media_type, token)
uploaded = api.Dataset.from_dict(json.loads(text))
listed = call("listDatasets", api.DatasetPage, token=token)
spec = api.PivotSpec.from_dict(
    {
        "from": {"dataset": uploaded.id},
        "rows": ["fruit"],
        "columns": ["shop"],
        "measures": [{"agg": "sum", "field": "amount", "as": "total"}],
        "totals": {"rows": "all", "columns": "all"},
    }
)
pivot = call("queryPivot", api.PivotGrid, spec, token=token)
wrong = call(
    "querySpec",
    api.RowsAnswer,
    api.QuerySpec.from_dict({"from": {"dataset": "fruit"}, "dimensions": ["colour"]}),
    token=token,
)
removed, _ = send("deleteDataset", token=token, dataset="fruit")

json.dump(
    {
        "role": signed_in.user.role.value,
        "rowCount": uploaded.row_count,
        "names": [item.name for item in listed.items],
        "members": pivot.rows.members,
        "cells": pivot.cells,
        "code": wrong.code.value,
        "removed": removed,
    },
    sys.stdout,
)
