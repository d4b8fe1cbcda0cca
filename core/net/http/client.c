/* One HTTP/1.1 connection seen from the client: see client.h. */
#include "net/http/client.h"

#include "base/limits.h"
#include "base/list.h"
#include "net/http/message.h"

#include <string.h>

static struct http_client *client_of(struct connection *c) {
    return list_entry(c, struct http_client, connection);
}

const char *http_response_header(const struct http_response *response, const char *name) {
    return http_message_field(response->message, name);
}

static struct http_response response_of(const struct http_message *message) {
    return (struct http_response){
        .status = message->parser.status_code,
        .keep_alive =
            llhttp_should_keep_alive(&message->parser) != 0 && http_message_keep_alive(message),
        .body = message->body.length > 0 ? message->body.data : "",
        .body_length = message->body.length,
        .message = message,
    };
}

static int on_head(struct http_message *message) {
    struct http_client *client = message->owner;
    struct http_response response = response_of(message);
    if (message->parser.status_code / 100 == 1) return 0;
    if (client->handler->head != NULL) client->handler->head(client, &response);
    /* Without a body whatever its length says (RFC 9112, 6.3). 1: llhttp skips it. */
    return client->no_body || response.status == 204 || response.status == 304 ? 1 : 0;
}

static int on_body(struct http_message *message, const char *bytes, size_t length) {
    struct http_client *client = message->owner;
    if (client->open) client->handler->body(client, bytes, length);
    return 0;
}

static const struct http_message_handler collecting = {.head = on_head};
static const struct http_message_handler streaming = {.head = on_head, .body = on_body};

static void fail(struct http_client *client, int error) {
    if (!client->open) return; /* `head` or `body` has closed it */
    client->error = error;
    connection_close(&client->connection);
}

/* The response is whole. The message is given back only after the callback has read it, and before
 * that the connection is made free: the callback may send the next request. */
static void respond(struct http_client *client) {
    struct http_message *message = client->message;
    struct http_response response = response_of(message);
    client->message = NULL;
    client->raw = response.status == 101 && client->handler->raw != NULL;
    if (response.status == 101 && !client->raw) { /* nobody asked for another protocol */
        fail(client, UV_EPROTO);
    } else if (response.status / 100 != 1 || client->raw) { /* an interim one announces the real */
        client->busy = false;
        if (client->handler->response != NULL) client->handler->response(client, &response);
    }
    http_message_free(message);
}

static void on_data(struct connection *c, const char *bytes, size_t length) {
    struct http_client *client = client_of(c);
    client->heard = true;
    while (length > 0 && client->open) {
        size_t consumed;
        if (client->raw) {
            client->handler->raw(client, bytes, length);
            return;
        }
        if (!client->busy) { /* an answer to nothing: whose is the next one? */
            fail(client, UV_EPROTO);
            return;
        }
        if (client->message == NULL)
            client->message = http_message_new(
                HTTP_RESPONSE, client->handler->body != NULL ? &streaming : &collecting, client,
                HTTP_CLIENT_BODY_MAX);
        switch (http_message_parse(client->message, bytes, length, &consumed)) {
        case HTTP_MORE: return;
        case HTTP_COMPLETE:
            if (client->open) respond(client); /* else `head` or `body` has closed it */
            break;
        case HTTP_REFUSED: fail(client, UV_EMSGSIZE); return;
        case HTTP_MALFORMED: fail(client, UV_EPROTO); return;
        }
        bytes += consumed;
        length -= consumed;
    }
}

/* The server has closed: that ends a body of unknown length (RFC 9112, 6.3), and breaks off any
 * other. */
static void on_ended(struct connection *c) {
    struct http_client *client = client_of(c);
    bool complete =
        client->message != NULL && http_message_finish(client->message) == HTTP_COMPLETE;
    if (complete && client->open) respond(client);
    fail(client, UV_EOF);
}

static void on_connected(struct connection *c) {
    struct http_client *client = client_of(c);
    client->open = true;
    if (client->handler->connected != NULL) client->handler->connected(client);
}

static void on_closing(struct connection *c, int error) {
    struct http_client *client = client_of(c);
    client->open = false;
    if (client->error == 0) client->error = error;
}

static void on_closed(struct connection *c) {
    struct http_client *client = client_of(c);
    int error = client->error;
    http_message_free(client->message);
    client->message = NULL;
    client->busy = false;
    client->in_use = false;
    client->handler->closed(client, error);
}

static const struct connection_handler connection_handler = {
    .connected = on_connected,
    .data = on_data,
    .ended = on_ended,
    .closing = on_closing,
    .closed = on_closed,
};

void http_client_connect(struct http_client *client, struct network *network,
                         const struct sockaddr *to, const struct sockaddr *source,
                         const struct http_client_handler *handler) {
    client->handler = handler;
    client->message = NULL;
    client->error = 0;
    client->open = client->busy = client->raw = false;
    client->in_use = true;
    client->error = connection_connect(&client->connection, network, to, source,
                                       &connection_handler); /* `closed` follows in any case */
}

int http_client_send(struct http_client *client, const char *request, size_t length) {
    if (!client->open) return UV_ENOTCONN;
    client->busy = true;
    client->heard = false;
    int result = connection_write(&client->connection, request, length);
    return result < 0 ? result : 0;
}

void http_client_close(struct http_client *client) {
    if (client->in_use) connection_close(&client->connection);
}
