"""The sender, but that Slack and Telegram stand on loopback: `... SLACK_URL TELEGRAM_URL`.

Their addresses in Apprise cannot be set from outside; everything else is as it always is.
"""

import sys


def main() -> None:
    from apprise.plugins.slack import NotifySlack
    from apprise.plugins.telegram import NotifyTelegram

    from agent.outbox import worker

    NotifySlack.webhook_url, NotifyTelegram.notify_url = sys.argv[1], f"{sys.argv[2]}/bot"
    worker.main()


if __name__ == "__main__":
    main()
