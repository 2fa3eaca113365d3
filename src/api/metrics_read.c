/* GET /metrics. */
#include "api/metrics.h"
#include "api/resource.h"
#include "io/network.h"

#define OPEN_METRICS "application/openmetrics-text"

/* Whether the client names OpenMetrics among what it takes, as Prometheus does when it can read it. */
static bool wants_open_metrics(const struct exchange *x)
{
	struct str list = request_header(&x->request, "accept");

	while (list.p) {
		struct str item = str_cut(&list, ',');
		struct str type = str_trim(str_cut(&item, ';'));

		if (str_ieq_z(type, OPEN_METRICS))
			return true;
	}
	return false;
}

/* Where clients ask, too, only those who are close may know. */
static bool may_read(const struct exchange *x)
{
	const struct api *api = api_of(x);
	const struct network_list *networks = api->config.metrics_networks;
	struct network_address address;

	if (x->service == &api->admin_service)
		return true;
	if (str_eq_z(x->request.client, "unix"))
		return networks->local;
	return network_address_parse(x->request.client, &address) && network_list_has(networks, &address);
}

enum co_state metrics_read(struct exchange *x, void *frame)
{
	bool open_metrics = wants_open_metrics(x);

	(void)frame;
	if (!may_read(x)) {
		exchange_fail(x, ERR_NOT_FOUND);
		return CO_FAILED;
	}
	x->response.status = 200;
	x->response.content_type = open_metrics ? STR(OPEN_METRICS "; version=1.0.0; charset=utf-8")
						: STR("text/plain; version=0.0.4; charset=utf-8");
	metrics_write(api_of(x), open_metrics, &x->response.body);
	return CO_DONE;
}
