/*
 * A BFCP peer over UDP made with libre, the library of baresip: `client PORT CONFERENCE USER` does what it reads from its standard
 * input, `server CONFERENCE` says its port and answers. Both print every message that comes, as libre reads it, and a line `--`.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <re/re.h>

static struct bfcp_conn *conn;
static struct sa server;
static uint32_t conference;
static uint16_t user;
static uint16_t request_id = 77;

static int put(const char *text, size_t size, void *arg)
{
	(void)arg;
	return write(STDOUT_FILENO, text, size) == (ssize_t)size ? 0 : EIO;
}

static struct re_printf out = {put, NULL};

static void show(const struct bfcp_msg *msg)
{
	(void)re_hprintf(&out, "R=%d ver=%d %H--\n", msg->r, msg->ver, bfcp_msg_print, msg);
}

static void answered(int err, const struct bfcp_msg *msg, void *arg)
{
	(void)arg;
	if (err)
		(void)re_hprintf(&out, "error %m\n--\n", err);
	else
		show(msg);
}

/* What the server says on its own. */
static void told(const struct bfcp_msg *msg, void *arg)
{
	(void)arg;
	show(msg);
	if (msg->prim == BFCP_FLOOR_REQUEST_STATUS)
		(void)bfcp_reply(conn, msg, BFCP_FLOOR_REQ_STATUS_ACK, 0);
	else if (msg->prim == BFCP_FLOOR_STATUS)
		(void)bfcp_reply(conn, msg, BFCP_FLOOR_STATUS_ACK, 0);
}

static int ask(enum bfcp_prim prim, unsigned attrc, int type, const uint16_t *id, const char *text, enum bfcp_priority *priority)
{
	return bfcp_request(conn, &server, BFCP_VER2, prim, conference, user, answered, NULL, attrc,
			    type, 0, id, BFCP_PART_PROV_INFO, 0, text, BFCP_PRIORITY, 0, priority);
}

static void command(int flags, void *arg)
{
	char line[128] = "", name[32] = "", text[64] = "";
	uint16_t id;
	unsigned number = 0;
	ssize_t length = 0;
	enum bfcp_priority priority = BFCP_PRIO_HIGH;
	(void)flags;
	(void)arg;

	/* A line at a time, however they come. */
	while (length < (ssize_t)sizeof(line) - 1 && read(STDIN_FILENO, &line[length], 1) == 1 && line[length] != '\n')
		++length;
	if (length == 0 && line[0] != '\n') {
		re_cancel();
		return;
	}
	line[length] = '\0';
	(void)sscanf(line, "%31s %u %63s", name, &number, text);
	id = (uint16_t)number;
	if (!strcmp(name, "hello"))
		(void)ask(BFCP_HELLO, 0, 0, NULL, NULL, NULL);
	else if (!strcmp(name, "request"))
		(void)ask(BFCP_FLOOR_REQUEST, 3, BFCP_FLOOR_ID | BFCP_MANDATORY, &id, text, &priority);
	else if (!strcmp(name, "release"))
		(void)ask(BFCP_FLOOR_RELEASE, 1, BFCP_FLOOR_REQUEST_ID | BFCP_MANDATORY, &id, NULL, NULL);
	else if (!strcmp(name, "watch"))
		(void)ask(BFCP_FLOOR_QUERY, 1, BFCP_FLOOR_ID, &id, NULL, NULL);
	else if (!strcmp(name, "goodbye"))
		(void)ask(BFCP_GOODBYE, 0, 0, NULL, NULL, NULL);
}

static int status(const struct bfcp_msg *msg, enum bfcp_reqstat value, const uint16_t *floor)
{
	struct bfcp_reqstatus state = {value, 0};

	if (value == BFCP_REVOKED)
		return bfcp_notify(conn, &msg->src, BFCP_VER2, BFCP_FLOOR_REQUEST_STATUS, msg->confid, msg->userid, 1,
				   BFCP_FLOOR_REQ_INFO | BFCP_MANDATORY, 2, &request_id, BFCP_OVERALL_REQ_STATUS, 2, &request_id,
				   BFCP_REQUEST_STATUS, 0, &state, BFCP_STATUS_INFO, 0, "taken over", BFCP_FLOOR_REQ_STATUS, 0, floor);
	return bfcp_reply(conn, msg, BFCP_FLOOR_REQUEST_STATUS, 1,
			  BFCP_FLOOR_REQ_INFO | BFCP_MANDATORY, 3, &request_id, BFCP_OVERALL_REQ_STATUS, 1, &request_id,
			  BFCP_REQUEST_STATUS, 0, &state, BFCP_FLOOR_REQ_STATUS, 0, floor,
			  BFCP_BENEFICIARY_INFO, 2, &msg->userid, BFCP_USER_DISP_NAME, 0, "a guest", BFCP_USER_URI, 0, "sip:guest@example.com");
}

static void serve(const struct bfcp_msg *msg, void *arg)
{
	enum bfcp_attrib attributes[] = {BFCP_FLOOR_ID, BFCP_FLOOR_REQ_INFO};
	enum bfcp_prim primitives[] = {BFCP_HELLO, BFCP_FLOOR_REQUEST, BFCP_FLOOR_RELEASE};
	struct bfcp_supattr supattr = {attributes, 2};
	struct bfcp_supprim supprim = {primitives, 3};
	const struct bfcp_attr *floor = bfcp_msg_attr(msg, BFCP_FLOOR_ID);
	const uint16_t one = 1, *id = floor ? &floor->v.floorid : &one;
	(void)arg;

	show(msg);
	switch (msg->prim) {
	case BFCP_HELLO:
		(void)bfcp_reply(conn, msg, BFCP_HELLO_ACK, 2, BFCP_SUPPORTED_PRIMS, 0, &supprim, BFCP_SUPPORTED_ATTRS, 0, &supattr);
		break;
	case BFCP_FLOOR_REQUEST:
		if (*id == 9) {
			(void)bfcp_ereply(conn, msg, BFCP_INVALID_FLOOR_ID);
			break;
		}
		(void)status(msg, BFCP_GRANTED, id);
		(void)status(msg, BFCP_REVOKED, id);
		break;
	case BFCP_FLOOR_RELEASE:
		(void)status(msg, BFCP_RELEASED, id);
		break;
	case BFCP_FLOOR_QUERY:
		(void)bfcp_reply(conn, msg, BFCP_FLOOR_STATUS, 1, BFCP_FLOOR_ID, 0, id);
		break;
	case BFCP_GOODBYE:
		(void)bfcp_reply(conn, msg, BFCP_GOODBYE_ACK, 0);
		break;
	default:
		(void)bfcp_ereply(conn, msg, BFCP_UNKNOWN_PRIM);
	}
}

int main(int argc, char *argv[])
{
	struct sa local;
	int client = argc == 5 && !strcmp(argv[1], "client");

	if (!client && (argc != 3 || strcmp(argv[1], "server")))
		return 2;
	if (libre_init() || sa_set_str(&local, "127.0.0.1", 0))
		return 1;
	conference = (uint32_t)atol(argv[client ? 3 : 2]);
	if (client) {
		user = (uint16_t)atoi(argv[4]);
		(void)sa_set_str(&server, "127.0.0.1", (uint16_t)atoi(argv[2]));
	}
	if (bfcp_listen(&conn, BFCP_UDP, &local, NULL, client ? told : serve, NULL))
		return 1;
	if (client)
		(void)fd_listen(STDIN_FILENO, FD_READ, command, NULL);
	(void)re_hprintf(&out, "port %u\n--\n", sa_port(&local));
	(void)re_main(NULL);
	fd_close(STDIN_FILENO);
	conn = mem_deref(conn);
	libre_close();
	return 0;
}
