#include "app/prompt.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* For the handler: how the terminal was. */
static struct termios before;

static bool fail(char *error, const char *why)
{
	snprintf(error, PROMPT_ERROR_MAX, "%s", why);
	return false;
}

/* Ctrl-C at the prompt must not leave a terminal without echo. */
static void restore_and_die(int signal_number)
{
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static bool read_line(char *out, size_t size, char *error)
{
	size_t n = 0;
	char c = 0;
	ssize_t got;

	while ((got = read(STDIN_FILENO, &c, 1)) != 0 && c != '\n') {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(error, strerror(errno));
		if (n + 1 == size)
			return fail(error, "the password is too long");
		if (c == '\0')
			return fail(error, "the password holds a NUL byte");
		out[n++] = c;
	}
	if (got == 0 && n == 0)
		return fail(error, "there is no password; expected one on standard input");
	if (n && out[n - 1] == '\r')
		n--;
	out[n] = '\0';
	return true;
}

static bool ask(const char *prompt, char *out, size_t size, char *error)
{
	bool ok;

	fputs(prompt, stderr);
	ok = read_line(out, size, error);
	fputc('\n', stderr);
	return ok;
}

static bool ask_twice(char *out, size_t size, char *error)
{
	char again[2048];
	bool ok = ask("Password: ", out, size, error) && ask("The same again: ", again, sizeof(again), error);

	if (ok && strcmp(out, again) != 0)
		ok = fail(error, "the two passwords differ");
	explicit_bzero(again, sizeof(again));
	return ok;
}

bool prompt_new_password(char *out, size_t size, char error[PROMPT_ERROR_MAX])
{
	struct termios silent;
	bool ok;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return read_line(out, size, error);
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	signal(SIGINT, restore_and_die);
	signal(SIGTERM, restore_and_die);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	ok = ask_twice(out, size, error);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	return ok;
}
