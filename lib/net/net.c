/* net.c -- what all nets share. */
#include "net/net.h"

const char *const jf_activation_names[] = {[JF_RELU] = "relu",
                                           [JF_TANH] = "tanh",
                                           [JF_ELU] = "elu",
                                           [JF_SOFTPLUS] = "softplus",
                                           NULL};

jf_net *jf_net_new(size_t size, const char *name, const jf_net_ops *ops,
                   size_t n_in, size_t n_out)
{
    jf_net *net = jf_alloc(1, size);
    if (!net)
        return NULL;
    net->module = (jf_module){.name = name, .ops = &ops->module};
    net->ops = ops;
    net->n_in = n_in;
    net->n_out = n_out;
    return net;
}

void jf_net_free(jf_net *net)
{
    jf_module_free((jf_module *)net);
}
