"""Microsoft's own Python client, `powerplatform-management`, against `allot emulate`.

    allot emulate --seed examples/contoso/tenant.seed.yaml --tls --tls-cert-out ca.pem --page-size 20 \
        --strict-auth --client-secret right
    python tests/clients/powerplatform_management.py https://127.0.0.1:8790 ca.pem

It signs in with azure-identity, reads and writes by all three surfaces, and ends with 1 where an answer is not what it
should be. Needs: pip install powerplatform-management azure-identity
"""

import asyncio
import sys

import httpx
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.httpx_request_adapter import HttpxRequestAdapter
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


def signed_in(secret):
    return ClientSecretCredential(
        TENANT, "a-client", secret, authority=BASE, disable_instance_discovery=True, connection_verify=AUTHORITY
    )


def asking(builder, verb, **query):
    parameters = getattr(builder, f"{type(builder).__name__}{verb}QueryParameters")
    return RequestConfiguration(query_parameters=parameters(api_version="2024-10-01", **query))


async def main():
    try:
        signed_in("wrong").get_token("https://api.powerplatform.com/.default")
        sys.exit("a wrong secret got a token")
    except ClientAuthenticationError as error:
        expect("a wrong secret is refused by name", "AADSTS7000215" in str(error), True)
    provider = AzureIdentityAuthenticationProvider(
        signed_in("right"), scopes=["https://api.powerplatform.com/.default"], allowed_hosts=["127.0.0.1"]
    )
    adapter = HttpxRequestAdapter(provider, http_client=httpx.AsyncClient(verify=AUTHORITY))
    adapter.base_url = BASE
    client = ServiceClientBase(adapter)

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


asyncio.run(main())
