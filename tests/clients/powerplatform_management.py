"""Microsoft's own Python client, `powerplatform-management`, against `allot emulate`.

    allot emulate --seed examples/contoso/tenant.seed.yaml --tls --tls-cert-out ca.pem --page-size 20 \
        --strict-auth --client-secret right
    python tests/clients/powerplatform_management.py https://127.0.0.1:8790 ca.pem all

It signs in with azure-identity by a secret and by a federated assertion, reads and writes by all three surfaces (`all`), or
reads what the tool applied (`applied ENVIRONMENT CURRENCY AMOUNT`), and ends with 1 where an answer is not what it should be.
tests/it/foreign_client.rs installs what it needs and runs it.
"""

import asyncio
import sys

import httpx
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientAssertionCredential, ClientSecretCredential
from kiota_abstractions.api_error import APIError
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.httpx_request_adapter import HttpxRequestAdapter
from kiota_http.kiota_client_factory import KiotaClientFactory
from mspp_management.models.allocation_by_environment_model import AllocationByEnvironmentModel
from mspp_management.models.allocation_enforcement_rule import AllocationEnforcementRule
from mspp_management.models.allocation_enforcement_rule_types import AllocationEnforcementRuleTypes
from mspp_management.models.allocation_model import AllocationModel
from mspp_management.models.allocation_put_request_model import AllocationPutRequestModel
from mspp_management.models.allocations_by_environment_patch_request_model_v1 import (
    AllocationsByEnvironmentPatchRequestModelV1,
)
from mspp_management.models.currency_allocation_model import CurrencyAllocationModel
from mspp_management.models.currency_allocation_request_model_v1 import CurrencyAllocationRequestModelV1
from mspp_management.models.entitlement_allocation_model import EntitlementAllocationModel
from mspp_management.models.external_currency_type import ExternalCurrencyType
from mspp_management.models.scope_model import ScopeModel
from mspp_management.service_client_base import ServiceClientBase

BASE, AUTHORITY = sys.argv[1], sys.argv[2]
TENANT = "8c1f0f7e-6f0a-4a55-9a5e-0d1f5d3b7a10"
SALES = "1d31c1b9-290a-5995-a52e-954d1896087d"


def expect(what, actual, wanted):
    if actual != wanted:
        sys.exit(f"{what}: {actual!r}, and should be {wanted!r}")
    print(f"{what}: {actual!r}")


WHERE = {"authority": BASE, "disable_instance_discovery": True, "connection_verify": AUTHORITY}
SCOPE = "https://api.powerplatform.com/.default"


def signed_in(secret):
    return ClientSecretCredential(TENANT, "a-client", secret, **WHERE)


def by_assertion():
    """As a pipeline does: the token of its host stands for the secret."""
    return ClientAssertionCredential(TENANT, "a-client", lambda: "header.of-a-pipeline.signature", **WHERE)


def calling(credential):
    provider = AzureIdentityAuthenticationProvider(credential, scopes=[SCOPE], allowed_hosts=["127.0.0.1"])
    adapter = HttpxRequestAdapter(provider, http_client=KiotaClientFactory.create_with_default_middleware(
        httpx.AsyncClient(verify=AUTHORITY)
    ))
    adapter.base_url = BASE
    return ServiceClientBase(adapter)


def asking(builder, verb, **query):
    parameters = getattr(builder, f"{type(builder).__name__}{verb}QueryParameters")
    return RequestConfiguration(query_parameters=parameters(api_version="2024-10-01", **query))


async def behave(faults):
    async with httpx.AsyncClient(verify=AUTHORITY) as control:
        (await control.put(f"{BASE}/emulator/faults", json=faults)).raise_for_status()


async def counted():
    async with httpx.AsyncClient(verify=AUTHORITY) as control:
        return (await control.get(f"{BASE}/emulator/requests")).json()


async def applied(environment, currency, amount):
    """What the tool wrote, this client reads."""
    documents = calling(by_assertion()).licensing.allocations_by_environment
    listed = await documents.get(asking(documents, "Get"))
    document = next(document for document in listed if document.environment_id == environment)
    amounts = {entry.currency_type.name: entry.allocated for entry in document.currency_allocations}
    expect(f"{currency} of {environment}", amounts[currency], int(amount))


async def throttled(client):
    """The client waits as long as it is told, and gets its answer in the end."""
    reports = client.licensing.tenant_capacity.currency_reports
    route = "GET /licensing/tenantCapacity/currencyReports"
    before = (await counted()).get(route, 0)
    await behave({"throttleRate": 0.6, "retryAfter": "seconds", "retryAfterSeconds": 1})
    answered = 0
    for _ in range(4):
        try:
            answered += len(await reports.get(asking(reports, "Get"))) > 0
        except APIError as error:
            expect("what ends after three tries more", error.response_status_code, 429)
    await behave({})
    asked = (await counted())[route] - before
    expect("it was turned away and asked again", asked > 4, True)
    expect("it survives that", answered > 0, True)


async def everything():
    try:
        signed_in("wrong").get_token(SCOPE)
        sys.exit("a wrong secret got a token")
    except ClientAuthenticationError as error:
        expect("a wrong secret is refused by name", "AADSTS7000215" in str(error), True)
    client = calling(signed_in("right"))

    reports = client.licensing.tenant_capacity.currency_reports
    held = await reports.get(asking(reports, "Get", include_allocations=True, include_consumptions=True))
    passes = next(report for report in held if report.currency_type == ExternalCurrencyType.AppPass)
    expect("app passes owned", passes.purchased, 1200)

    listing = client.environmentmanagement.environments
    page = await listing.get(asking(listing, "Get"))
    seen = [row.id for row in page.value]
    while page.odata_nextlink:
        page = await listing.with_url(page.odata_nextlink).get()
        seen += [row.id for row in page.value]
    expect("environments, page by page", (len(seen), len(set(seen))), (42, 42))

    older = client.licensing.environments.by_environment_id(SALES).allocations
    body = AllocationsByEnvironmentPatchRequestModelV1(
        currency_allocations=[CurrencyAllocationRequestModelV1(allocated=7, currency_type=ExternalCurrencyType.AppPass)]
    )
    await older.patch(body, asking(older, "Patch"))

    documents = client.licensing.allocations_by_environment
    body = AllocationByEnvironmentModel(
        environment_id=SALES,
        currency_allocations=[CurrencyAllocationModel(allocated=9, currency_type=ExternalCurrencyType.PerFlowPlan)],
    )
    after = await documents.patch(body, asking(documents, "Patch"))
    amounts = {entry.currency_type.name: entry.allocated for entry in after.currency_allocations}
    expect("by the older and by the newer surface", (amounts["AppPass"], amounts["PerFlowPlan"]), (7, 9))

    newest = client.licensing.allocations_v2
    rule = AllocationEnforcementRule(rule_type=AllocationEnforcementRuleTypes.TenantPool, enabled=False)
    body = AllocationPutRequestModel(
        scope=ScopeModel(environment_id=SALES),
        allocated_entitlements=[
            EntitlementAllocationModel(
                entitlement_id="MCSMessages", allocation=AllocationModel(quantity=5000.0), enforcement_rules=[rule]
            )
        ],
    )
    result = await newest.put(body, asking(newest, "Put"))
    expect("the newest surface", (result.is_error_result, result.status_code), (False, 200))
    listed = await documents.get(asking(documents, "Get"))
    sales = next(document for document in listed if document.environment_id == SALES)
    credits = next(entry for entry in sales.currency_allocations if entry.currency_type.name == "MCSMessages")
    rules = [(rule.rule_type.name, rule.enabled) for rule in credits.enforcement_rules]
    expect("credits after it", (credits.allocated, rules), (5000, [("TenantPool", False)]))

    availability = newest.availability
    wanted = f"environmentId eq '{SALES}' and EntitlementId in ('MCSMessages')"
    left = await availability.get(asking(availability, "Get", filter=wanted))
    expect("credits left", left.entitlement_allocations_available[0].available_quantity, 154500.0)
    await throttled(client)


asyncio.run(everything() if sys.argv[3] == "all" else applied(*sys.argv[4:7]))
