/* The models: simulation.c has the table of them. */
#ifndef PUSHPULL_MODELS_H
#define PUSHPULL_MODELS_H

#include "model.h"

extern const struct model polling_model, long_polling_model, sse_model, websocket_model,
    webhook_model, tcp_model;

#endif
