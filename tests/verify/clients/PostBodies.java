import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/**
 * Posts bodies with the client of Java's own library, which by default offers to change to HTTP/2 in its first request:
 * PostBodies URL BYTES... Prints for each response its status and its body.
 */
public class PostBodies {
    public static void main(String[] arguments) throws Exception {
        for (HttpClient.Version version : List.of(HttpClient.Version.HTTP_2, HttpClient.Version.HTTP_1_1)) {
            for (String bytes : List.of(arguments).subList(1, arguments.length)) {
                HttpClient client = HttpClient.newBuilder().version(version).build();
                HttpRequest request = HttpRequest.newBuilder(URI.create(arguments[0]))
                        .timeout(Duration.ofSeconds(10))
                        .POST(HttpRequest.BodyPublishers.ofString("x".repeat(Integer.parseInt(bytes))))
                        .build();
                HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
                System.out.println(response.statusCode() + " " + response.body());
            }
        }
        System.exit(0);
    }
}
